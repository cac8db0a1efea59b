# SPDX-License-Identifier: MIT
"""What FastAPI's own tutorial begins with, and a health endpoint."""
from fastapi import FastAPI

app = FastAPI()


@app.get('/health')
def health():
    return {'status': 'ok'}
