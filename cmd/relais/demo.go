package main
type demoCommand struct{ Once bool }
func (c *demoCommand) Run(t *terminal) error { return nil }
