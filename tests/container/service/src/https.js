// SPDX-License-Identifier: MIT
const { readFileSync } = require('fs');
const https = require('https');

const [cert, key] = ['cert', 'key'].map(name => readFileSync(`/tls/${name}.pem`));
https.createServer({ cert, key }, (request, response) => response.end()).listen(8443);
