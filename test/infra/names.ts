/** `execute-order` → `ExecuteOrder`, as the construct of that function is called. */
export const pascalCase = (name: string): string =>
  name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
