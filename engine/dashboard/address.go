package dashboard

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"

	"waybill/engine/delivery"
)

// address is a path with a query, parts without a value left out.
func address(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// runPath is the address of a run's page.
func runPath(id string) string { return "/runs/" + url.PathEscape(cmp.Or(id, "-")) }

// idText is an id in an address; readID reads it.
func idText(id delivery.ID) string { return strconv.FormatInt(int64(id), 10) }

// readID reads a delivery's id out of an address.
func readID(s string) (delivery.ID, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return 0, addressError("A delivery's id is a number. It says “" + brief(s) + "”.")
	}
	return delivery.ID(n), nil
}

// listSizes are the steps in which a list without pages grows.
func listSizes() []int { return []int{50, 200, 1000} }

// listSize reads ?show=N: the least of the steps that holds N.
func listSize(r *http.Request) int {
	n, err := strconv.Atoi(r.FormValue("show"))
	sizes := listSizes()
	for _, size := range sizes {
		if err != nil || n <= size {
			return size
		}
	}
	return sizes[len(sizes)-1]
}

// longerList is the address of the same list in the next size, or empty.
func longerList(r *http.Request, size int) string {
	for _, next := range listSizes() {
		if next > size {
			q := r.URL.Query()
			q.Set("show", strconv.Itoa(next))
			return r.URL.Path + "?" + q.Encode()
		}
	}
	return ""
}

// addressError says what is wrong with the address that was asked for.
type addressError string

func (e addressError) Error() string { return string(e) }
