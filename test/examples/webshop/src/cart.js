/** What the customer wants to buy. Prices are in cents. */
export class Cart {
  #lines = new Map();

  add(product, count = 1) {
    this.#lines.set(product, (this.#lines.get(product) ?? 0) + count);
  }

  get count() {
    return [...this.#lines.values()].reduce((sum, count) => sum + count, 0);
  }

  get total() {
    return [...this.#lines].reduce((sum, [product, count]) => sum + product.price * count, 0);
  }
}
