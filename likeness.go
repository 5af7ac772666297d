package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"duban/models/likeness"
)

type likenessCommand struct {
	File  string   `arg:"" type:"existingfile" help:"A file with two texts a line, a tab between them; a first line that names the columns text_a and text_b is passed over."`
	Stock []string `help:"A file with phrases that the office lets pass, one a line. May be given again." type:"existingfile" placeholder:"FILE"`
}

// Run says of each pair whether the two texts are the same in substance: yes, no, or
// stock-phrase where they have only phrases by custom in common.
func (c likenessCommand) Run() error {
	stock := likeness.Customary
	for _, name := range c.Stock {
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		stock = append(stock[:len(stock):len(stock)], strings.Split(string(content), "\n")...)
	}
	content, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	reader := likeness.NewReader(stock, nil)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for n, line := range strings.Split(strings.TrimPrefix(string(content), "\ufeff"), "\n") {
		columns := strings.Split(strings.TrimRight(line, "\r"), "\t")
		switch {
		case strings.TrimSpace(line) == "":
			continue
		case n == 0 && columns[0] == "text_a":
			continue
		case len(columns) < 2:
			return fmt.Errorf("%s line %d: two texts with a tab between them are needed", c.File, n+1)
		}
		fmt.Fprintln(out, reader.Judge(columns[0], columns[1]))
	}
	return nil
}
