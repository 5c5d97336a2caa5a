"""Webhooks: what happens here, told to receivers outside. source  Standard Webhooks 1.0"""
