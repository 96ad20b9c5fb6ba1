package eval

// Variables are the environment variables a job uses.
type Variables struct{}
