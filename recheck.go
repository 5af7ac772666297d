package main

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"strings"

	"duban/models"
)

type recheckCommand struct {
	Draw recheckDrawCommand `cmd:"" help:"Repeat a draw: put numbers in the order that a seed gives them."`
}

type recheckDrawCommand struct {
	Seed string `required:"" help:"The seed, as the page of the draw shows it."`
	List string `required:"" help:"The file of numbers, one a line, as that page hands it out; - reads them from the input." placeholder:"FILE"`
	Take int    `help:"How many were drawn; without it, all are listed." placeholder:"N"`
}

// Run prints a line a number: its place, the number, and the hash it is placed by. It
// asks no database: whoever has the seed and the list needs nobody's word.
func (c recheckDrawCommand) Run() error {
	in := io.Reader(os.Stdin)
	if c.List != "-" {
		file, err := os.Open(c.List)
		if err != nil {
			return err
		}
		defer file.Close()
		in = file
	}
	var numbers []string
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		if number := strings.TrimSpace(lines.Text()); number != "" {
			numbers = append(numbers, number)
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	if c.Take < 0 || c.Take > len(numbers) {
		return fmt.Errorf("--take %d: the list has %d numbers", c.Take, len(numbers))
	}
	order := models.DrawOrder(c.Seed, numbers)
	if c.Take > 0 {
		order = order[:c.Take]
	}
	for n, number := range order {
		fmt.Printf("%d\t%s\t%x\n", n+1, number, sha256.Sum256([]byte(c.Seed+":"+number)))
	}
	return nil
}
