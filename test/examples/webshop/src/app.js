import { format } from './modules/cents.js';
import { element, show } from './modules/tiny-view.js';
import { Cart } from './cart.js';
import { products } from './products.js';
import { deliveryDays } from './delivery.js';

const cart = new Cart();

function productCard(product) {
  const button = element('button', 'Add to cart');
  button.addEventListener('click', () => {
    cart.add(product);
    update();
  });
  return element('article', element('h2', product.name), element('p', product.text), format(product.price), button);
}

function update() {
  const days = deliveryDays(document.querySelector('#zip').value);
  const delivery = days === undefined ? '' : `, delivered in ${days} days`;
  show('#cart', element('p', `${cart.count} items, ${format(cart.total)}${delivery}`));
}

document.title = '__SHOP_NAME__';
show('#name', '__SHOP_NAME__');
show('#version', 'version __VERSION__');
show('#products', ...products.map(productCard));
document.querySelector('#zip').addEventListener('input', update);
update();
