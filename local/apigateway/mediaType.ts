/** API Gateway takes a request without the header, and an answer to one without `Accept`, as JSON. */
export const DEFAULT_MEDIA_TYPE = "application/json";

/** The media type of a `Content-Type` or `Accept` header, without its parameters and without alternatives. */
export function mediaTypeOf(header: string | undefined): string {
  const type = header?.split(/[;,]/, 1)[0]?.trim().toLowerCase();
  return type === undefined || type === "" ? DEFAULT_MEDIA_TYPE : type;
}

/** The entry whose content type, without parameters, is the given one. */
export function byMediaType<Value>(
  entries: ReadonlyMap<string, Value>,
  mediaType: string,
): Value | undefined {
  const exact = entries.get(mediaType);
  if (exact !== undefined) return exact;
  for (const [key, value] of entries) if (mediaTypeOf(key) === mediaType) return value;
  return undefined;
}

/**
 * The template for an answer: the one for `Accept`, otherwise the first (data mapping reference, "Select a VTL mapping
 * template").
 *
 * @returns the template's content type and the template; `undefined` when there is none
 */
export function forAccept<Value>(
  entries: ReadonlyMap<string, Value>,
  accept: string | undefined,
): readonly [string, Value] | undefined {
  const wanted = mediaTypeOf(accept);
  const exact = entries.get(wanted);
  if (exact !== undefined) return [wanted, exact];
  for (const entry of entries) if (mediaTypeOf(entry[0]) === wanted) return entry;
  const json = accept === undefined ? entries.get(DEFAULT_MEDIA_TYPE) : undefined;
  if (json !== undefined) return [DEFAULT_MEDIA_TYPE, json];
  return entries.entries().next().value;
}
