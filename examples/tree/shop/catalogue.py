"""Products, kept in memory: enough for a demonstration."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Product:
    sku: str
    name: str
    cents: int

    def as_dict(self):
        return asdict(self)


PRODUCTS = [
    Product("tea-001", "Assam, 250 g", 1290),
    Product("tea-002", "Sencha, 100 g", 1890),
    Product("pot-001", "Teapot, 0.8 l", 3400),
]


def page(number, size=20):
    first = (number - 1) * size
    return [product.as_dict() for product in PRODUCTS[first : first + size]]


def find(sku):
    return next((product for product in PRODUCTS if product.sku == sku), None)
