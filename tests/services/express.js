// SPDX-License-Identifier: MIT
// An API as most begin: three health endpoints, below BASE where that is set, on PORT or 3000.
const express = require('express');

const service = express();
const health = express.Router();
for (const path of ['/health', '/health/live', '/health/ready'])
  health.get(path, (request, response) => response.json({ status: 'ok' }));
service.use(process.env.BASE || '/', health);
service.listen(process.env.PORT || 3000, '127.0.0.1');
