package main

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"

	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"golang.org/x/crypto/bcrypt"
)

// password makes characters that stay secret, with their bcrypt hash beside them.
func password(d *schema.ResourceData) (string, values, error) {
	_, v, err := characters(d)
	if err != nil {
		return "", nil, err
	}
	result := []byte(v["result"].(string))
	hash, err := bcrypt.GenerateFromPassword(result[:min(len(result), 72)], bcrypt.DefaultCost) // bcrypt reads no further
	v["bcrypt_hash"] = string(hash)
	return "none", v, err
}

// characters draws length characters from the chosen alphabets, at least the
// asked-for number of each, in random order.
func characters(d *schema.ResourceData) (string, values, error) {
	special := "!@#$%&*()-_=+[]{}<>:?"
	if own := d.Get("override_special").(string); own != "" {
		special = own
	}
	var all string
	var result []byte
	draw := func(alphabet string, n int) {
		for range n {
			result = append(result, alphabet[below(len(alphabet))])
		}
	}
	for _, set := range []struct{ name, alphabet string }{
		{"lower", "abcdefghijklmnopqrstuvwxyz"},
		{"upper", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
		{"numeric", "0123456789"},
		{"special", special},
	} {
		if d.Get(set.name).(bool) && (set.name != "numeric" || d.Get("number").(bool)) {
			all += set.alphabet
		}
		draw(set.alphabet, d.Get("min_"+set.name).(int))
	}
	length := d.Get("length").(int)
	if length < len(result) {
		return "", nil, fmt.Errorf("length %d is less than the sum of the minima, %d", length, len(result))
	}
	if all == "" {
		return "", nil, errors.New("no alphabet is left to draw from: lower, upper, numeric and special are all false")
	}
	draw(all, length-len(result))
	for i := len(result) - 1; i > 0; i-- {
		j := below(i + 1)
		result[i], result[j] = result[j], result[i]
	}
	return string(result), values{"result": string(result)}, nil
}

func octets(d *schema.ResourceData) (string, values, error) {
	b := bytes(d.Get("length").(int))
	return "none", values{"base64": base64.StdEncoding.EncodeToString(b), "hex": hex.EncodeToString(b)}, nil
}

func identifier(d *schema.ResourceData) (string, values, error) {
	b := bytes(d.Get("byte_length").(int))
	prefix := d.Get("prefix").(string)
	id := base64.RawURLEncoding.EncodeToString(b)
	return id, values{
		"b64_url": prefix + id,
		"b64_std": prefix + base64.StdEncoding.EncodeToString(b),
		"hex":     prefix + hex.EncodeToString(b),
		"dec":     prefix + new(big.Int).SetBytes(b).String(),
	}, nil
}

func bytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails: the process ends first
	return b
}

// below returns a number in [0, n), each as likely as any other.
func below(n int) int {
	i, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		panic(err)
	}
	return int(i.Int64())
}
