package eval

// Made is how many texts are known that expressions made of secrets.
func (v *Variables) Made() int { return len(v.made) }
