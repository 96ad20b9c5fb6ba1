package steps

// Judge is what a failed request means for its message.
var Judge = judge
