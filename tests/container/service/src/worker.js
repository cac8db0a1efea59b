// SPDX-License-Identifier: MIT
const { writeFileSync } = require('fs');

const work = () => {
  writeFileSync('/tmp/alive', '');
  setTimeout(work, 1000);
};
work();
