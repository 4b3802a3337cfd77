import os

import yspay

client = yspay.Client(
    endpoint=os.environ["YSPAY_ENDPOINT"],  # or environment="test", environment="production"
    src="ORG20210927162704",
    des_key=os.environ["YSPAY_DES_KEY"],
    private_key={"path": os.environ["YSPAY_KEY"], "password": os.environ["YSPAY_PASSWORD"]},
    platform_certificate={"path": os.environ["YSPAY_CERTIFICATE"]},
    rate_limit={"per_second": 5},  # of two processes that share the platform's 10
)
print(client)
