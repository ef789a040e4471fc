"""The shop's web application: a catalogue, a cart, and a checkout."""

import logging
import os

from flask import Flask, jsonify, request

from shop import catalogue, settings

log = logging.getLogger("shop")
app = Flask(__name__)
app.config.from_object(settings)


@app.get("/healthz")
def healthz():
    return jsonify(status="ok", version=os.environ.get("APP_VERSION", "dev"))


@app.get("/products")
def products():
    page = max(1, request.args.get("page", 1, type=int))
    return jsonify(catalogue.page(page, size=settings.PAGE_SIZE))


@app.post("/cart")
def add_to_cart():
    body = request.get_json(force=True)
    item = catalogue.find(body["sku"])
    if item is None:
        return jsonify(error="no such product"), 404
    log.info("cart: added %s", item.sku)
    return jsonify(item.as_dict()), 201


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", "8080")))
