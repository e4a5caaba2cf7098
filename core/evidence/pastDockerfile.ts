import { asArray, asObject, asText, type Base64Decoder } from '../llb/decode';

/**
 * The Dockerfile that a build was made from, out of its provenance (BuildKit's `source.infos`, there since v0.11);
 * undefined when it has none, as that of other frontends.
 */
export function dockerfileText(provenance: unknown, base64: Base64Decoder): string | undefined {
  const outer = asObject(provenance);
  const predicate = outer['predicate'] === undefined ? outer : asObject(outer['predicate']);
  const metadata =
    predicate['buildDefinition'] === undefined
      ? asObject(asObject(predicate['metadata'])['https://mobyproject.org/buildkit@v1#metadata'])
      : asObject(asObject(asObject(predicate['runDetails'])['metadata'])['buildkit_metadata']);
  const infos = asArray(asObject(metadata['source'])['infos']).map(asObject);
  const info = infos.find((one) => asText(one['language']) === 'Dockerfile') ?? infos[0];
  const data = asText(info?.['data']);
  return data === '' ? undefined : base64(data);
}
