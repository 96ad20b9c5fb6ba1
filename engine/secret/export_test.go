package secret

// Size is how many bytes the forms of all secrets have.
func (r *Redactor) Size() int {
	size := 0
	for _, forms := range r.secrets {
		for _, form := range forms {
			size += len(form)
		}
	}
	return size
}
