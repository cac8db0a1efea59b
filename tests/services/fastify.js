// SPDX-License-Identifier: MIT
// Listens on 8080 and answers at /healthz alone; /slow takes its time.
const service = require('fastify')();

service.get('/healthz', async () => ({ status: 'ok' }));
service.get('/slow', () => new Promise(resolve => setTimeout(() => resolve('late'), 10000)));
service.listen({ port: 8080, host: '127.0.0.1' });
