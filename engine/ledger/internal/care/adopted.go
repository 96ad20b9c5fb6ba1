package care

// Narrowing are the keys of engine.Asked with which a run does not meet all rows of its job, as a list in SQL. After a ledger was adopted,
// what a scope has in doubt for it ends with a run that met all.
const Narrowing = `'only', 'limit', 'testTo', 'again'`
