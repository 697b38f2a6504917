// Ids of providers and visitors stand where a name is not known yet: nobody should have to read them.
const id = /^(?:[UCR]?[0-9a-f]{20,}|u:.+|[0-9a-f-]{32,36})$/i;

/** The name, or "" when it is a machine's id. */
export const readable = (name: string): string => (id.test(name.trim()) ? "" : name.trim());
