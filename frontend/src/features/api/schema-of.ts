import * as z from 'zod/mini';

/** A schema for a type of the Go code. It compiles only if both have the same fields and types. */
export const schemaOf =
  <T>() =>
  <S extends z.ZodMiniType<T>>(schema: S & (T extends z.infer<S> ? unknown : never)): S =>
    schema;

/** A response without a body. */
export const nothing = z.undefined();
