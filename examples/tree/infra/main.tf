terraform {
  required_version = ">= 1.6"
}

provider "aws" {
  region     = "eu-central-1"
  access_key = "AKIAO66DXBUIIQTJZ5ZU"
  # The other half comes from the environment.
}

resource "aws_s3_bucket" "images" {
  bucket = "tea-shop-images"
  tags   = { service = "shop", owner = "web" }
}

resource "aws_db_instance" "shop" {
  identifier        = "shop"
  engine            = "postgres"
  instance_class    = "db.t4g.small"
  allocated_storage = 20
  username          = "shop"
  password          = var.db_password
}
