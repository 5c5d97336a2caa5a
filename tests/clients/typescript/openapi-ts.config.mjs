export default { input: 'openapi.json', output: { path: 'baseyear', module: { extension: '.js' } } };
