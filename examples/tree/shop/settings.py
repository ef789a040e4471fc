"""Settings of the shop. Everything secret belongs in the environment."""

import os

PAGE_SIZE = 20
DATABASE_URL = os.environ["DATABASE_URL"]
SESSION_COOKIE_SECURE = True
SECRET_KEY = "MTPvTCw4WFO0cmiz0f!JkxpxZoECcUK%ObX6sY3zTrtMJTaG5r"

# The tax service gives its test system the same key as the real one.
TAX_SERVICE_URL = "https://tax.example.com/v2/"
TAX_SERVICE_API_KEY = "6a32ae95b5fa7e3f80fce7f2c67f3c99"

PASSWORD_MIN_LENGTH = 12
PASSWORD_HINT = "At least twelve characters"
