package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"duban/models/signal"
)

type signalsCommand struct {
	File  string   `arg:"" type:"existingfile" help:"A file with one unit in one round a line, as JSON; docs/signals.md says its fields."`
	JSON  bool     `name:"json" help:"Print one JSON object a line: unit, item (empty for the unit's own), signal, strength, evidence."`
	Stock []string `help:"A file with phrases that the office lets pass, one a line. May be given again." type:"existingfile" placeholder:"FILE"`
}

// Run asks what the signals ask about a file of histories and prints it. Lines that are
// no history are named at the end, as an error; the others are asked about all the same.
func (c signalsCommand) Run() error {
	var stock []string
	for _, name := range c.Stock {
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		stock = append(stock, strings.Split(string(content), "\n")...)
	}
	file, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer file.Close()
	units, broken := signal.Histories(file)
	out := bufio.NewWriter(os.Stdout)
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	for _, found := range signal.ObserveAll(units, nil, stock) {
		if c.JSON {
			err = lines.Encode(found)
		} else {
			_, err = fmt.Fprintf(out, "%s\t%s\t%s\t%.2f\n", found.Unit, found.Item, found.Signal, found.Strength)
		}
		if err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if broken != nil {
		return fmt.Errorf("%s:\n%w", c.File, broken)
	}
	return nil
}
