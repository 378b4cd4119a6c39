// Plotly's locale files are CommonJS modules: this gives the next script a place to export to; charts.js takes it away.
"use strict";
window.module = { exports: {} };
