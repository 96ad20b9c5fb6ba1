// Package price says what messages cost: by a rate card as Meta publishes it, the category of a message and the country of its
// recipient.
//
// A rate card names markets: some are countries, the others are groups of countries ("Rest of Africa"). Which country belongs to which
// group is data, in markets.csv, with its source and date. A country that a card names by itself has that price, whatever its group: so
// a country that leaves its group needs no new program.
//
// Amounts are exact decimals. The package reads no files and knows no jobs. Start reading at card.go.
package price
