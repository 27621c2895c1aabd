package arrowconv

import "math"

// numberEnd returns the end of the JSON number at start. If there is none, it returns the
// position of the error.
func numberEnd(b []byte, start int) (end int, ok bool) {
	i := start
	if i < len(b) && b[i] == '-' {
		i++
	}
	if i < len(b) && b[i] == '0' {
		i++
	} else if i, ok = digitsEnd(b, i); !ok {
		return i, false
	}
	if i < len(b) && b[i] == '.' {
		if i, ok = digitsEnd(b, i+1); !ok {
			return i, false
		}
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if i, ok = digitsEnd(b, i); !ok {
			return i, false
		}
	}
	return i, true
}

// digitsEnd is the end of the digits at i, of which there must be one at least.
func digitsEnd(b []byte, i int) (end int, ok bool) {
	start := i
	for i < len(b) && b[i]-'0' <= 9 {
		i++
	}
	return i, i > start
}

// scaled is number × 10^scale, if that is an integer of 64 bits exactly. The text
// is a number as JSON writes it.
func scaled(number []byte, scale int) (int64, bool) {
	var digits uint64      // the number's digits without zeros at the end
	zeros := 0             // zeros seen after them
	shift := scale         // the number × 10^scale is digits × 10^(zeros+shift)
	fits, point := true, 0 // point is added to shift for each digit
	i, negative := 0, false
	if number[0] == '-' {
		i, negative = 1, true
	}
	for ; i < len(number) && number[i]|0x20 != 'e'; i++ {
		switch c := number[i]; c {
		case '.':
			point = -1
			continue
		case '0':
			zeros++
		default:
			var ok bool
			digits, ok = raise(digits, zeros+1, uint64(c-'0'))
			fits, zeros = fits && ok, 0
		}
		shift += point
	}
	if digits == 0 && fits {
		return 0, true
	}
	if i < len(number) {
		shift += exponent(number[i+1:])
	}
	// Digits end in one that is not zero, so a negative power leaves a fraction.
	if zeros += shift; !fits || zeros < 0 {
		return 0, false
	}
	if digits, fits = raise(digits, zeros, 0); !fits {
		return 0, false
	}
	return signed(digits, negative)
}

// raise is n × 10^zeros + plus, if that has 64 bits.
func raise(n uint64, zeros int, plus uint64) (uint64, bool) {
	if n == 0 {
		return plus, true
	}
	for ; zeros > 0; zeros-- {
		if n > math.MaxUint64/10 {
			return 0, false
		}
		n *= 10
	}
	return n + plus, n+plus >= n
}

func signed(n uint64, negative bool) (int64, bool) {
	if negative {
		return -int64(n), n <= 1<<63
	}
	return int64(n), n <= math.MaxInt64
}

// exponent reads an optional sign and digits. It stops counting at 2^30, because a body of
// less than 2 GB cannot contain enough digits to compensate.
func exponent(b []byte) int {
	n, negative := 0, false
	for _, c := range b {
		switch {
		case c == '-':
			negative = true
		case c != '+' && n < 1<<30:
			n = n*10 + int(c-'0')
		}
	}
	if negative {
		return -n
	}
	return n
}
