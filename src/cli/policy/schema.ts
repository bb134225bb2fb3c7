import { fileSchema } from '../../policy/file/file-schema.ts';

/** `tollgate policy schema`: the JSON Schema of a policy file, for editors. */
export async function printSchema(): Promise<void> {
  process.stdout.write(`${JSON.stringify(fileSchema(), undefined, 2)}\n`);
}
