// SPDX-License-Identifier: MIT
// https on 8443 with the certificate that argv names.
const fs = require('fs');
const https = require('https');

const [cert, key] = process.argv.slice(2).map(file => fs.readFileSync(file));
https.createServer({ cert, key }, (request, response) => response.end('ok')).listen(8443, '127.0.0.1');
