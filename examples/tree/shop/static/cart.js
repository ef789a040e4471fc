// The cart in the browser. Prices come from the server and are never trusted from here.
const cart = new Map();

export function add(sku, count = 1) {
  cart.set(sku, (cart.get(sku) || 0) + count);
  render();
}

export function total(prices) {
  let cents = 0;
  for (const [sku, count] of cart) cents += (prices[sku] || 0) * count;
  return cents;
}

function render() {
  const list = document.querySelector("#cart");
  list.replaceChildren(...[...cart].map(([sku, count]) => {
    const item = document.createElement("li");
    item.textContent = `${count} × ${sku}`;
    return item;
  }));
}
