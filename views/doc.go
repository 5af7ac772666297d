// Package views is what people see: pages, mails and sheets. A component is
// handed one struct of values ready to print; it never queries and holds no rule.
// Every sentence comes from views/text.
package views
