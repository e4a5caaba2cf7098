/** The catalogue. Prices are in cents. */
export const products = [
  { name: 'Enamel mug', text: 'Holds a quarter of a litre and survives a fall.', price: 1450 },
  { name: 'Wool blanket', text: 'Woven in one piece, 140 by 200 centimetres.', price: 8900 },
  { name: 'Pocket knife', text: 'One blade, one corkscrew, no surprises.', price: 3275 },
  { name: 'Notebook', text: 'Ninety-six dotted pages, bound with thread.', price: 1190 },
  { name: 'Bicycle bell', text: 'Brass, loud and friendly.', price: 1875 },
];
