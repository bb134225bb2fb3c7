/** The policy that deciding is measured with: many tools, and every kind of rule. */
export const TOOLS = 200;

/** A profile of `TOOLS` tools of one server, and how many rules it has. */
export function policyText(): { readonly text: string; readonly rules: number } {
  let rules = 0;
  const rule = (written: string): string => {
    rules += 1;
    return written;
  };
  const tools = Array.from({ length: TOOLS }, (_, at) => {
    const lines = [`  crm.tool_${at}:`, '    effect: write', '    arguments:'];
    lines.push(rule('      to: { pattern: "[a-z0-9.]+@example\\\\.com", maxLength: 100 }'));
    lines.push(rule(`      amount: { maximum: ${400 + at} }`));
    if (at % 10 === 1) {
      lines.push('    limits:');
      lines.push(rule('      - { count: calls, within: 1h, max: 100 }'));
      lines.push(rule(`      - { sum: "\${arguments.amount}", within: 24h, max: 5000 }`));
      lines.push('    after:');
      lines.push(rule(`      - { tool: crm.tool_${at - 1}, within: 1h, where: { arguments.to: "\${arguments.to}" } }`));
    }
    if (at % 10 === 3) {
      lines.push('    cases:');
      lines.push(rule('      - { id: small, when: { amount: { maximum: 300 } }, then: allow }'));
      lines.push(rule('      - { id: large, when: { amount: { exclusiveMinimum: 300 } }, then: hold }'));
    }
    return lines.join('\n');
  });
  const head = ['version: 1', 'profile: decide', 'who: local', 'servers: { crm: { url: "http://127.0.0.1:1/mcp" } }'];
  const flow = rule('  - { id: stays, when: { labels: [private, untrusted], sends_to: external }, then: deny }');
  return { text: [...head, 'tools:', ...tools, 'flows:', flow].join('\n'), rules };
}
