// SPDX-License-Identifier: MIT
const http = require('http');

const server = http.createServer((request, response) => {
  response.writeHead(request.url === '/health' ? 200 : 404).end();
});
server.listen(process.env.PORT, () => console.log('listening'));
process.on('SIGTERM', () => {
  console.log('stopping');
  server.close(() => process.exit(0));
});
