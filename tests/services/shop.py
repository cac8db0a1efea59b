# SPDX-License-Identifier: MIT
"""A Django shop that answers to its own name alone, and at /health/ with the slash that Django likes."""
import sys

from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import JsonResponse
from django.urls import path

settings.configure(ALLOWED_HOSTS=['shop.example.com'], ROOT_URLCONF=__name__, SECRET_KEY='of a test',
                   MIDDLEWARE=['django.middleware.common.CommonMiddleware'])
urlpatterns = [path('health/', lambda request: JsonResponse({'host': request.get_host()}))]

if __name__ == '__main__':
    execute_from_command_line([sys.argv[0], 'runserver', '--noreload', '127.0.0.1:8000'])
