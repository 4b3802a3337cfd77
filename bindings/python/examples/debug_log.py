import logging
import sys

import yspay

logging.basicConfig(level=logging.INFO, format="%(name)s %(levelname)s %(message)s")
logging.getLogger("yspay").setLevel(logging.DEBUG)  # the signed text of each request and answer

with yspay.Client.from_file("config.json") as client:
    client.query_sign_sts(sys.argv[1])
