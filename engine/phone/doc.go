// Package phone reads telephone numbers as people write them, and says of which country and in which time zones they are.
//
// What is a number, and whose, is libphonenumber's to say (github.com/nyaruka/phonenumbers). A text goes three ways:
//
//	with + or 00         it begins with its country code. One that libphonenumber finds invalid is read all the same, with a
//	                     Warning: its tables may be older than the number
//	with a country       it is read as it is dialled there: the country's own international prefix, then 00, then a number of
//	                     the country. What is none of the country is refused
//	with neither         in rows it is refused; in text that somebody wrote for this run it begins with its country code,
//	                     when that makes a valid number
//
// A wrong guess would write to a stranger, so what is ambiguous is refused, with the text to write where that is certain.
//
// Most numbers of a list are in their final form or differ from it by blanks: those are checked with the library's own tables and
// not by its functions, which begin with a dozen regular expressions that clean the text (plan.go). A test holds both to one answer.
//
// Start reading at read.go.
package phone
