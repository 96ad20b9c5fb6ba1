package eval

// Made is how many texts are known that expressions made of secrets.
func (v *Variables) Made() int { return len(v.made) }

// FunctionNames and MethodNames are what can be called.
func FunctionNames() []string { return functionNames() }

// MethodNames are those of times and durations.
func MethodNames() []string { return methodNames() }
