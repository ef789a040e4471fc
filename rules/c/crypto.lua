-- Keys and passwords: where they come from.

rule "c-guessable-key" {
  title     = "A key, or what a password is stored with, is made of numbers that can be guessed",
  tags      = { "c", "crypto", "cwe-338", "cwe-330" },
  severity  = "high",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/338.html",
                remediation = "Take keys and salts from getrandom, getentropy or RAND_bytes." },
  language  = "c",
  prefilter = any { "rand", "time" },
  confirm   = {
    taint {
      from = { call { "rand", "random", "rand_r", "lrand48", "mrand48", "drand48", "time" } },
      to   = {
        argument { "AES_set_encrypt_key", "AES_set_decrypt_key", "DES_set_key", "DES_set_key_checked", 1 },
        argument { "EVP_EncryptInit", "EVP_DecryptInit", "EVP_CipherInit", 3, 4 },
        argument { "EVP_EncryptInit_ex", "EVP_DecryptInit_ex", "EVP_CipherInit_ex", 4, 5 },
        argument { "HMAC", "crypt", 2 }, argument { "HMAC_Init_ex", 2 }, argument { "PKCS5_PBKDF2_HMAC", 3 },
      },
    },
  },
  examples  = {
    match = {
      [[#include <stdlib.h>
#include <time.h>
struct session { unsigned char key[16]; int number; };
static void fill(unsigned char *to, int n) { for (int i = 0; i < n; i++) to[i] = rand() & 255; }
int start(struct session *s, void *schedule) {
  srand(time(NULL));
  fill(s->key, sizeof s->key);
  return AES_set_encrypt_key(s->key, 128, schedule);
}]],
      [[#include <stdio.h>
#include <time.h>
#include <unistd.h>
static char salt[20];
static void salt_new(void) { snprintf(salt, sizeof salt, "$1$%lx", (long)time(NULL)); }
const char *store(const char *word) { salt_new(); return crypt(word, salt); }]],
    },
    miss = {
      [[#include <stdlib.h>
#include <sys/random.h>
struct session { unsigned char key[16]; int number; };
int start(struct session *s, void *schedule) {
  s->number = rand();
  if (getrandom(s->key, sizeof s->key, 0) != sizeof s->key) return -1;
  return AES_set_encrypt_key(s->key, 128, schedule);
}]],
      [[#include <stdio.h>
#include <time.h>
static void note(void) { printf("%ld\n", (long)time(NULL)); }
const char *store(const char *word, const char *salt) { note(); return crypt(word, salt); }]],
    },
  },
}
