/**
 * The media type to answer with, by the request's `Accept`: the highest q counts, then the order of
 * `offers`; a more specific range overrules a wider one.
 *
 * @param accept undefined: anything.
 * @param offers types without parameters, lower-case, the best first.
 * @returns undefined if none of them is wanted.
 * @see RFC 9110, section 12.5.1
 */
export function acceptable<Offer extends string>(
  accept: string | undefined,
  offers: readonly Offer[],
): Offer | undefined {
  if (accept === undefined || accept.trim() === '') return offers[0]
  const ranges = accept.split(',').map(rangeOf)
  let best: Offer | undefined
  let bestQuality = 0
  for (const offer of offers) {
    const own = weightOf(offer, ranges)
    if (own <= bestQuality) continue
    best = offer
    bestQuality = own
  }
  return best
}

type Range = { readonly type: string; readonly quality: number }

function rangeOf(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const weight = parameters.find((parameter) => /^q\s*=/.test(parameter))
  const quality = weight === undefined ? 1 : Number(weight.slice(weight.indexOf('=') + 1))
  return { type, quality: quality >= 0 && quality <= 1 ? quality : 0 }
}

function weightOf(offer: string, ranges: readonly Range[]): number {
  const group = `${offer.slice(0, offer.indexOf('/'))}/*`
  for (const wanted of [offer, group, '*/*']) {
    const found = ranges.filter(({ type }) => type === wanted)
    if (found.length > 0) return Math.max(...found.map(({ quality }) => quality))
  }
  return 0
}
