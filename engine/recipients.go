package engine

import (
	"waybill/engine/diag"
	"waybill/engine/eval"
)

// Recipients is what a job says of the people it sends to. The zero value says nothing.
type Recipients struct {
	Country *eval.Tree // of numbers without +: two letters of ISO 3166 in any case, or "international"; may differ from item to item; nil: not said
	Range   diag.Range // of the entry
}
