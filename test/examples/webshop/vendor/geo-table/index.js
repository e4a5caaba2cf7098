const table = new Map();
const text = await (await fetch(new URL('./table.csv', import.meta.url))).text();
for (const line of text.split('\n')) {
  const [zip, region] = line.split(',');
  table.set(zip, Number(region));
}

/** The number of the region that a five-digit postal code belongs to. */
export const regionOf = (zip) => table.get(zip);
