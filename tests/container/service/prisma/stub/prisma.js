#!/usr/bin/env node
// SPDX-License-Identifier: MIT
console.log(`prisma ${process.argv.slice(2).join(' ')}`);
