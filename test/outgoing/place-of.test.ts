import { describe, expect, test } from 'vitest';
import { placeOf, rangesOf } from '../../src/outgoing/place-of.ts';

const LISTED = rangesOf(['10.1.0.0/16', 'fd00:1::/32']);

describe('an address is', () => {
  test.each([
    ['8.8.8.8', 'public'],
    ['2606:4700:4700::1111', 'public'],
    ['::ffff:8.8.8.8', 'public'],
    ['64:ff9b::808:808', 'public'],
    ['2002:808:808::1', 'public'],
    ['10.1.2.3', 'listed'],
    ['::ffff:10.1.2.3', 'listed'],
    ['64:ff9b::a01:203', 'listed'],
    ['fd00:1::5', 'listed'],
    ['10.2.0.1', 'private'],
    ['172.16.0.1', 'private'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['192.0.2.1', 'private'],
    ['fd00:2::5', 'private'],
    ['::ffff:192.168.1.1', 'private'],
    ['64:ff9b::c0a8:101', 'private'],
    ['2002:c0a8:101::1', 'private'],
    ['127.0.0.1', 'loopback'],
    ['127.8.9.10', 'loopback'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['64:ff9b::7f00:1', 'barred'],
    ['2002:7f00:1::1', 'barred'],
    ['64:ff9b:1::808:808', 'barred'],
    ['169.254.169.254', 'barred'],
    ['::ffff:169.254.169.254', 'barred'],
    ['64:ff9b::a9fe:a9fe', 'barred'],
    ['100.100.100.200', 'barred'],
    ['168.63.129.16', 'barred'],
    ['192.0.0.192', 'barred'],
    ['fd00:ec2::254', 'barred'],
    ['fe80::1', 'barred'],
    ['fe80::1%eth0', 'barred'],
    ['0.0.0.0', 'barred'],
    ['0.1.2.3', 'barred'],
    ['::', 'barred'],
    ['224.0.0.1', 'barred'],
    ['255.255.255.255', 'barred'],
    ['ff02::1', 'barred'],
    ['::8.8.8.8', 'barred'],
    ['fec0::1', 'barred'],
    ['2001::1', 'barred'],
    ['::ffff:0:8.8.8.8', 'barred'],
    ['4000::1', 'barred'],
    ['::127.0.0.1', 'barred'],
    ['0177.0.0.1', 'barred'],
    ['8.8', 'barred'],
    ['example.com', 'barred'],
    ['', 'barred'],
  ])('%s: %s', (address, kind) => {
    expect(placeOf(address, LISTED).kind).toBe(kind);
  });

  test('barred stays barred, whatever is listed', () => {
    const all = rangesOf(['0.0.0.0/0', '::/0']);
    for (const address of ['169.254.169.254', '100.100.100.200', 'fd00:ec2::254', '0.0.0.0', 'fe80::1', '224.0.0.1'])
      expect(placeOf(address, all).kind).toBe('barred');
    expect(placeOf('127.0.0.1', all).kind).toBe('loopback');
  });
});
