variable "db_password" {
  description = "Password of the shop's database user"
  type        = string
  sensitive   = true
}
